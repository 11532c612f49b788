"""Write patterns of every sort, for tests of several packages."""

from hypothesis import assume
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from vmplanner.domain.machines import HotCold, MeasuredCurve, Pattern, PowerLaw, Sequential, Uniform, Zipf


@st.composite
def curves(draw: st.DrawFn) -> MeasuredCurve:
    """Concave ones: on logarithmic scales the slope falls from point to point."""
    steps = draw(st.lists(st.floats(1.2, 20), min_size=1, max_size=6))
    slopes = draw(st.lists(st.floats(0, 1), min_size=len(steps), max_size=len(steps)))
    points = [(draw(st.floats(1e-3, 2)), draw(st.floats(1, 1e5)))]
    for step, slope in zip(steps, sorted(slopes, reverse=True), strict=True):
        seconds, pages = points[-1]
        if pages * step**slope <= 1e9:  # as many as a curve may have
            points.append((seconds * step, pages * step**slope))
    assume(len(points) > 1)
    return MeasuredCurve(points)


patterns: SearchStrategy[Pattern] = (
    st.just(Uniform())
    | st.just(Sequential())
    | st.builds(HotCold, st.floats(1e-9, 1), st.floats(0, 1))
    | st.builds(Zipf, st.floats(0.01, 3))
    | st.builds(PowerLaw, st.floats(0.01, 1))
    | curves()
)
