"""What was made: enough to make it again."""

from fooo.record.archive import Archive, Intent, was_carried_out
from fooo.record.metadata import picture_bytes, png_bytes, read_record
from fooo.record.others import Loss, LossKind, Program, Read
from fooo.record.parameters import parameters_text
from fooo.record.read import read, read_text
from fooo.record.record import ModelUsed, Record, UsedAs, write_record

__all__ = [
    "Archive",
    "Intent",
    "Loss",
    "LossKind",
    "ModelUsed",
    "Program",
    "Read",
    "Record",
    "UsedAs",
    "parameters_text",
    "picture_bytes",
    "png_bytes",
    "read",
    "read_record",
    "read_text",
    "was_carried_out",
    "write_record",
]
