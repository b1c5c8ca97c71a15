from fooo.events import Event, Loading
from fooo.monitor import Answer, Monitor


def test_it_passes_events_on_and_answers_go_until_asked_otherwise():
    heard: list[Event] = []
    monitor = Monitor(heard.append)
    assert monitor.tell(Loading("x")) is Answer.GO
    monitor.skip(keep=True)
    assert monitor.tell(Loading("y")) is Answer.SKIP
    assert monitor.keep
    assert heard == [Loading("x"), Loading("y")]


def test_a_skip_ends_with_its_picture_and_a_stop_stays():
    monitor = Monitor(lambda event: None)
    monitor.skip()
    assert monitor.begin_shot() is Answer.GO
    monitor.stop()
    monitor.skip(keep=True)
    assert monitor.begin_shot() is Answer.STOP
    assert not monitor.keep


def test_a_wish_can_be_seen_without_telling_anything():
    heard: list[Event] = []
    monitor = Monitor(heard.append)
    assert monitor.wish == (Answer.GO, False)
    monitor.stop(keep=True)
    assert monitor.wish == (Answer.STOP, True)
    assert heard == []
