"""AssetRef: text and back, whatever people call their tables."""

from hypothesis import given
from hypothesis import strategies as st

from muniment.kernel.refs import AssetRef

names = st.text(min_size=1) | st.sampled_from(
    ["a/b", "%2F", "x y", "Ü", "'; drop table--", "🙂", ""]
)
refs = st.builds(AssetRef, names, st.lists(names, max_size=5).map(tuple))


@given(refs)
def test_the_text_form_reads_back_as_the_same_ref(ref: AssetRef) -> None:
    assert AssetRef.parse(str(ref)) == ref


@given(refs, refs)
def test_different_refs_have_different_texts(one: AssetRef, other: AssetRef) -> None:
    assert (one == other) == (str(one) == str(other))


@given(refs)
def test_the_text_form_can_stand_in_a_url_and_in_a_log_line(ref: AssetRef) -> None:
    text = str(ref)
    assert text.isascii()
    assert text.isprintable()
    assert " " not in text
    assert text.count("/") == len(ref.path)


@given(refs, names)
def test_a_child_knows_its_parent(ref: AssetRef, name: str) -> None:
    child = ref.child(name)
    assert child.parent == ref
    assert child.name == name
    assert str(child).startswith(f"{ref}/")
