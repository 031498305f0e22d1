"""Large models of this machine: fetched from a hub, added from folders, compared, and taken away.

    choosing     which files of a repository are wanted, and what family of models they are
    hub          what a repository has, asked from the hub or a mirror
    places       where files lie in the Hugging Face cache, which other programs share
    downloading  one file: resumed, compared with the hub's own hash, put into its place
    fetching     all of it in order, from a name to a record
    adding       records for folders that a user already has
    checking     the files of a record against their hashes
    ledger       which licences were accepted, and what was fetched by us
    removing     records and the room that their files take

A model becomes known by its record (:mod:`llamavis_studio.backends.model_records`), which is
written last: what is half fetched is no model.
"""
