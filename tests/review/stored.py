"""What is stored of a sentence."""

MAN = "a man"


def tube(sample, query=MAN, field="e3m"):
    """The boxes of a sentence by frame, read from the database."""
    frames = sample.dataset[sample.id].frames
    labels = {n: f[field].detections for n, f in frames.items() if f[field]}
    return {n: d for n, found in labels.items() for d in found if d.label == query}


def event(sample, query=MAN):
    """The event of a sentence, read from the database."""
    events = sample.dataset.select(sample.id).values("e3m_events")[0].detections
    return next(e for e in events if e.label == query)
