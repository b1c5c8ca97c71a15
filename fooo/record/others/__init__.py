"""What other programs write into their pictures, each in a file of its own."""

from fooo.record.others.found import Loss, LossKind, Program, Read

__all__ = ["Loss", "LossKind", "Program", "Read"]
