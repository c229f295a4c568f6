"""Pins what an agent can do over FiftyOne's MCP server, with nothing but JSON."""

import asyncio
import json
import os
import sys

import pytest

mcp = pytest.importorskip("mcp")
pytest.importorskip("fiftyone_mcp")

PLUGIN = "@e3m/video-grounding"
DEADLINE = 120


class Agent:
    """An agent that calls the tools of the server, which runs as a program of its own."""

    def __init__(self, session):
        self._session = session

    async def call(self, tool, **arguments):
        """Calls a tool and returns what it answers, as JSON."""
        answer = await self._session.call_tool(tool, arguments)
        (text,) = answer.content
        return json.loads(text.text)

    async def run(self, name, dataset, **params):
        """Runs an operator of the plugin."""
        arguments = {"operator_uri": f"{PLUGIN}/{name}", "dataset_name": dataset.name}
        return await self.call("execute_operator", params=params, **arguments)

    async def inputs(self, name, dataset, **params):
        """The inputs of an operator of the plugin, after some of them were given."""
        arguments = {"operator_uri": f"{PLUGIN}/{name}", "dataset_name": dataset.name}
        schema = await self.call("get_operator_schema", params=params, **arguments)
        return schema["data"]["input_schema"]["type"]["properties"]

    async def read(self, dataset, field):
        """The values of a field, one per video."""
        answer = await self.call("get_values", dataset_name=dataset.name, field=field)
        return answer["data"]["values"]


@pytest.fixture
def converse(plugins_dir):
    """`converse(talk)`: starts the server and has an agent talk to it."""
    server = mcp.StdioServerParameters(
        command=sys.executable,
        args=["-c", "from fiftyone_mcp.server import run; run()"],
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(sys.path),
            "FIFTYONE_PLUGINS_DIR": str(plugins_dir),
        },
    )

    async def hold(talk):
        async with (
            mcp.stdio_client(server) as (reading, writing),
            mcp.ClientSession(reading, writing) as session,
        ):
            await session.initialize()
            await talk(Agent(session))

    return lambda talk: asyncio.run(asyncio.wait_for(hold(talk), DEADLINE))


@pytest.mark.slow
def test_an_agent_lists_the_operators_grounds_and_reads_the_result(converse, dataset, tiny_encoder):
    asked = {"query": "a red box", "boxes_field": "gt", "encoder": tiny_encoder}

    async def talk(agent):
        listed = await agent.call("list_operators", builtin_only=False, operator_type="operator")
        found = {entry["uri"]: entry for entry in listed["data"]["operators"]}
        assert "tube" in found[f"{PLUGIN}/ground_videos"]["description"]

        # a detector is the default, as the only boxes are called "gt"
        assert "boxes_field" not in await agent.inputs("ground_videos", dataset)
        inputs = await agent.inputs("ground_videos", dataset, boxes_source="field")
        assert set(asked) <= set(inputs)

        shown = await agent.run("preview_grounding", dataset, **asked)
        assert shown["data"]["result"]["rows"][0]["sentence"] == "a red box"

        done = await agent.run("ground_videos", dataset, **asked)
        assert done["success"], done
        assert await agent.read(dataset, "e3m_status") == ["ok", "ok"]
        assert await agent.read(dataset, "e3m_events.detections.label") == [["a red box"]] * 2
        for ((first, last),) in await agent.read(dataset, "e3m_events.detections.support"):
            assert 1 <= first <= last <= 10

        again = await agent.run("ground_videos", dataset, **asked)
        assert not again["success"]
        assert "already holds a grounding on 2 of these 2 videos" in again["error"]

        (one, _) = await agent.read(dataset, "id")
        event = {"sample_id": one, "query": "a red box", "first": 2, "last": 4}
        corrected = await agent.run("correct_event", dataset, **event)
        assert corrected["success"], corrected
        accepted = await agent.run("accept_tubes", dataset, videos="view", into="truth")
        assert accepted["success"], accepted

    converse(talk)
    dataset.reload()
    assert dataset.first().e3m_events.detections[0].support == [2, 4]
    assert "truth" in dataset.get_frame_field_schema()
