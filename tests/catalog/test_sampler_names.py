import pytest

from fooo.catalog import Sampler, Schedule, read_sampler_name, read_schedule_name
from fooo.errors import UnknownName
from fooo.settings import ROOT

K_DIFFUSION = {
    "sample_euler": Sampler.EULER,
    "sample_dpmpp_2s_ancestral": Sampler.DPMPP_2S_ANCESTRAL,
    "k_dpm_2_a": Sampler.DPM_2_ANCESTRAL,
    "k_euler_a": Sampler.EULER_ANCESTRAL,
}
FOOOCUS = {
    "dpmpp_2m_sde_gpu": Sampler.DPMPP_2M_SDE,
    "dpmpp_3m_sde_gpu": Sampler.DPMPP_3M_SDE,
    "dpmpp_sde_gpu": Sampler.DPMPP_SDE,
    "uni_pc_bh2": Sampler.UNI_PC,
    "restart": Sampler.RESTART,
}
DIFFUSERS = {
    "EulerDiscreteScheduler": Sampler.EULER,
    "EulerAncestralDiscreteScheduler": Sampler.EULER_ANCESTRAL,
    "HeunDiscreteScheduler": Sampler.HEUN,
    "LMSDiscreteScheduler": Sampler.LMS,
    "KDPM2DiscreteScheduler": Sampler.DPM_2,
    "KDPM2AncestralDiscreteScheduler": Sampler.DPM_2_ANCESTRAL,
    "DPMSolverMultistepScheduler": Sampler.DPMPP_2M,
    "DPMSolverSDEScheduler": Sampler.DPMPP_SDE,
    "DDIMScheduler": Sampler.DDIM,
    "DDPMScheduler": Sampler.DDPM,
    "UniPCMultistepScheduler": Sampler.UNI_PC,
    "LCMScheduler": Sampler.LCM,
    "TCDScheduler": Sampler.TCD,
}


@pytest.mark.parametrize("sampler", Sampler)
def test_a_sampler_is_found_by_its_name_its_label_and_in_any_capitals(sampler: Sampler):
    for name in (sampler.value, sampler.label, sampler.label.upper(), f" {sampler.value.replace('_', ' ')} "):
        assert read_sampler_name(name) == (sampler, None, None)


@pytest.mark.parametrize(("name", "sampler"), [*K_DIFFUSION.items(), *FOOOCUS.items(), *DIFFUSERS.items()])
def test_other_programs_names_of_the_same_sampler_are_read_without_a_notice(name: str, sampler: Sampler):
    assert read_sampler_name(name) == (sampler, None, None)


@pytest.mark.parametrize(
    ("name", "sampler", "schedule"),
    [
        ("DPM++ 2M Karras", Sampler.DPMPP_2M, Schedule.KARRAS),
        ("DPM++ 2M SDE Exponential", Sampler.DPMPP_2M_SDE, Schedule.EXPONENTIAL),
        ("DPM++ 2S a Karras", Sampler.DPMPP_2S_ANCESTRAL, Schedule.KARRAS),
        ("DPM2 a Karras", Sampler.DPM_2_ANCESTRAL, Schedule.KARRAS),
        ("k_dpmpp_2m_ka", Sampler.DPMPP_2M, Schedule.KARRAS),
        ("LMS Karras", Sampler.LMS, Schedule.KARRAS),
        ("Euler SGM Uniform", Sampler.EULER, Schedule.SGM_UNIFORM),
        ("EDMEulerScheduler", Sampler.EULER, Schedule.EDM),
        ("EDMDPMSolverMultistepScheduler", Sampler.DPMPP_2M, Schedule.EDM),
    ],
)
def test_a_name_that_holds_a_schedule_gives_both(name: str, sampler: Sampler, schedule: Schedule):
    assert read_sampler_name(name) == (sampler, schedule, None)


@pytest.mark.parametrize("schedule", sorted(set(Schedule) - {Schedule.DDIM_UNIFORM, Schedule.LCM, Schedule.TCD}))
def test_every_schedule_may_stand_behind_a_sampler(schedule: Schedule):
    if schedule is not Schedule.EDM:
        assert read_sampler_name(f"Heun {schedule.label}") == (Sampler.HEUN, schedule, None)


@pytest.mark.parametrize(
    ("name", "nearest", "schedule"),
    [
        ("PLMS", Sampler.LMS, None),
        ("PNDMScheduler", Sampler.LMS, None),
        ("DPM fast", Sampler.DPMPP_2M, None),
        ("dpm_fast", Sampler.DPMPP_2M, None),
        ("DPM fast Karras", Sampler.DPMPP_2M, Schedule.KARRAS),
        ("heunpp2", Sampler.HEUN, None),
        ("DPM++ 2M SDE Heun Karras", Sampler.DPMPP_2M_SDE, Schedule.KARRAS),
    ],
)
def test_what_fooo_has_not_becomes_the_nearest_with_a_notice(name: str, nearest: Sampler, schedule: Schedule | None):
    read = read_sampler_name(name)
    assert (read.sampler, read.schedule) == (nearest, schedule)
    assert read.notice == f"{name} is not in Fooo; {nearest.label}, the nearest to it, is used."


def test_an_unknown_sampler_offers_the_nearest():
    with pytest.raises(UnknownName, match=r"sampling\.sampler: there is no 'eulr'; did you mean: euler"):
        read_sampler_name("eulr")


@pytest.mark.parametrize("schedule", Schedule)
def test_a_schedule_is_found_by_its_name_and_its_label(schedule: Schedule):
    for name in (schedule.value, schedule.label, schedule.label.upper()):
        assert read_schedule_name(name) == (schedule, None)


@pytest.mark.parametrize(
    ("name", "schedule"),
    [
        ("Uniform", Schedule.NORMAL),
        ("edm_playground_v2.5", Schedule.EDM),
        ("trailing", Schedule.SIMPLE),
        ("leading", Schedule.DDIM_UNIFORM),
        ("Polyexponential", Schedule.EXPONENTIAL),
    ],
)
def test_other_programs_names_of_the_same_schedule_are_read(name: str, schedule: Schedule):
    assert read_schedule_name(name) == (schedule, None)


def test_automatic_leaves_the_schedule_to_the_sampler():
    assert read_schedule_name("Automatic") == (None, None)
    assert Sampler.DPMPP_2M.usual_schedule is Schedule.KARRAS
    assert Sampler.LCM.usual_schedule is Schedule.LCM


def test_a_schedule_that_fooo_has_not_becomes_the_nearest_with_a_notice():
    read = read_schedule_name("KL Optimal")
    assert read.schedule is Schedule.ALIGN_YOUR_STEPS
    assert read.notice == "KL Optimal is not in Fooo; Align Your Steps, the nearest to it, is used."


def test_an_unknown_schedule_offers_the_nearest():
    with pytest.raises(UnknownName, match=r"sampling\.schedule: there is no 'karas'; did you mean: karras"):
        read_schedule_name("karas")


@pytest.mark.parametrize("each", [*Sampler, *Schedule])
def test_the_page_about_samplers_has_a_row_for_each(each: Sampler | Schedule):
    page = (ROOT / "docs" / "samplers.md").read_text(encoding="utf-8")
    calls = f" | {each.calls} |" if isinstance(each, Sampler) else ""
    rows = [line for line in page.splitlines() if line.startswith(f"| `{each.value}` | {each.label} |")]
    assert any(calls in row for row in rows)
