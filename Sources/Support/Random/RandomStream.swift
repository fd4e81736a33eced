/// The streams of random numbers, each named after what is drawn from it. A stream is a tag that is mixed into a seed
/// (`SeededGenerator(seed:_:)`), so that choices of one kind do not follow from those of another. The values must stay:
/// results that were made with them follow from them.
public enum RandomStream {}
