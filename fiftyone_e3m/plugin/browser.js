// What of the App only JavaScript reaches, over the globals that FiftyOne offers to plugins, so that
// there is nothing to build:
//
// * `seek_video` moves the player of the open video to a frame. FiftyOne's own `set_frame_number`
//   reaches players of image sequences only (seen in 1.22), and nothing on the Python side reaches
//   the player of a video.
// * `dock_timeline` puts the relevance timeline beside the player, once. FiftyOne keeps the layout of
//   the open sample in the browser's storage, and in the page once a sample was opened, and opens
//   every panel as a tab there (seen in 1.22).
// * `refresh_annotation` opens the Annotate tab anew. It reads the boxes of a video once, when it
//   opens (seen in 1.22), and would go on showing, and editing, those that an operator changed.
// * A key presses the button of a panel that carries it, so that both do the same.
(() => {
  const { Operator, OperatorConfig, executeOperator, registerOperator } = window.__foo__;
  const { useRecoilValueLoadable } = window.recoil;
  const PLUGIN = "@e3m/video-grounding";

  const TRIES = 40;
  const PAUSE = 250;
  const STAYS = 4; // looks in a row at which the player must be there

  class SeekVideo extends Operator {
    get config() {
      return new OperatorConfig({ name: "seek_video", label: "Go to a frame", unlisted: true });
    }

    useHooks() {
      const { modalLooker, nullableModalSampleId } = window.__fos__;
      // while a video is being opened there is no value yet
      return {
        player: useRecoilValueLoadable(modalLooker).valueMaybe(),
        opened: useRecoilValueLoadable(nullableModalSampleId).valueMaybe(),
      };
    }

    // a video that is being opened has no player yet, or that of the video before, or one that goes
    // back to its first frame when it has loaded: it tries until the player has stayed there
    async execute({ hooks: { player, opened }, params }) {
      const { frame_number, sample_id, tries = TRIES, stayed = 0 } = params;
      const isThere = player?.seekToFrame && !player.state?.destroyed;
      let stays = 0;
      if (isThere && (!sample_id || opened === sample_id)) {
        const shown = player.state?.frameNumber;
        if (stayed && shown !== frame_number && shown !== 1) return; // the user has gone on
        if (sample_id && player.state?.loaded && shown === frame_number) stays = stayed + 1;
        if (stays === STAYS) return;
        if (!stays) player.seekToFrame(frame_number);
      }
      if (sample_id && tries > 0) {
        const again = { ...params, tries: tries - 1, stayed: stays };
        setTimeout(() => executeOperator(`${PLUGIN}/seek_video`, again), PAUSE);
      }
    }
  }

  const LAYOUT = "fo-sample-modal-plugins";
  const SPACES = "fiftyone-modal-spaces";
  const DONE = "e3m-timeline-docked";
  const PLAYER = "fo-sample-modal-plugin";
  const TIMELINE = "relevance_timeline";

  const panel = (name) => ({ id: name, type: name, children: [], pinned: name === PLAYER });
  const tabs = (id, names) => ({
    id,
    type: "panel-container",
    children: names.map(panel),
    activeChild: names[0],
  });

  // the player and all other panels left, the timeline right
  const docked = (names) => ({
    id: "root",
    type: "panel-container",
    layout: "horizontal",
    children: [
      tabs("e3m-left", [PLAYER, ...names.filter((n) => n !== PLAYER && n !== TIMELINE)]),
      tabs("e3m-right", [TIMELINE]),
    ],
    sizes: [0.5, 0.5],
  });

  class DockTimeline extends Operator {
    get config() {
      return new OperatorConfig({
        name: "dock_timeline",
        label: "Open the relevance timeline beside videos",
        unlisted: true,
      });
    }

    useHooks() {
      const opensBesideSamples = (p) => p.panelOptions?.surfaces?.includes("modal");
      const { usePanels, useSpaces } = window.__fosp__;
      return { panels: usePanels(opensBesideSamples), ...useSpaces(SPACES) };
    }

    async execute({ hooks: { panels, updateSpaces } }) {
      if (localStorage.getItem(DONE)) return;
      const stored = JSON.parse(localStorage.getItem(LAYOUT) ?? "null");
      // a user's own arrangement stays: anything but tabs in one row
      if (!stored || (stored.children ?? []).every((child) => !child.children?.length)) {
        const names = stored?.children?.map((child) => child.type) ?? panels.map((p) => p.name);
        const layout = docked(names);
        localStorage.setItem(LAYOUT, JSON.stringify(layout));
        updateSpaces(layout); // a page that has opened a sample does not read the storage again
      }
      localStorage.setItem(DONE, "true");
    }
  }

  const MOST_FRAMES = 60; // that the tab may take to close; it takes two

  class RefreshAnnotation extends Operator {
    get config() {
      const label = "Show the Annotate tab anew";
      return new OperatorConfig({ name: "refresh_annotation", label, unlisted: true });
    }

    useHooks() {
      const { useModalMode, useModalModeController } = window.__fos__;
      return { mode: useModalMode?.(), tabs: useModalModeController?.() };
    }

    async execute({ hooks: { mode, tabs } }) {
      if (mode !== "annotate") return;
      tabs.activateExploreMode();
      const isOpen = () => document.querySelector("[data-cy=video-annotation-top-bar]");
      for (let frame = 0; frame < MOST_FRAMES && isOpen(); frame++) {
        await new Promise(requestAnimationFrame);
      }
      tabs.activateAnnotateMode();
    }
  }

  const isTyping = (element) => element?.closest?.("input, textarea, [contenteditable=true]");

  const pressButton = (event) => {
    const isOurs = event.shiftKey && !event.ctrlKey && !event.altKey && !event.metaKey;
    if (!isOurs || event.repeat || isTyping(event.target)) return;
    const button = document.querySelector(`[data-e3m-key="${event.code}"]`);
    if (!button || button.disabled) return;
    event.preventDefault();
    event.stopPropagation();
    button.click();
  };

  document.addEventListener("keydown", pressButton, true);
  registerOperator(SeekVideo, PLUGIN);
  registerOperator(DockTimeline, PLUGIN);
  registerOperator(RefreshAnnotation, PLUGIN);
})();
