"""What is done to a picture once it is drawn."""

from fooo.plan.finish.finish import MOST_PIXELS, Finish, choose_finish, needed_face_detector, needed_upscaler

__all__ = ["MOST_PIXELS", "Finish", "choose_finish", "needed_face_detector", "needed_upscaler"]
