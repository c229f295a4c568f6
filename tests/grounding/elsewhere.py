"""What another process does to a dataset."""

import fiftyone.core.odm as foo


def delete_elsewhere(dataset, path):
    """Deletes a field as another process does, which this one does not see."""
    root, name = "frame" if path.startswith("frames.") else "sample", path.removeprefix("frames.")
    db, document = foo.get_db_conn(), dataset._doc
    known = {"_id": document.id}
    db.datasets.update_one(known, {"$pull": {f"{root}_fields": {"name": name}}})
    collection = getattr(document, f"{root}_collection_name")
    db[collection].update_many({}, {"$unset": {name: ""}})
