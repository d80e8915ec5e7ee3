"""`specc verify`: a spec's package against the installed torch.

The only folder that imports torch. `subject` builds what is examined; each other file holds a few
examinations, functions that take the subject and give a `Finding`.
"""
