/// The streams of random numbers, each named after what is drawn from it. A stream is a tag that is mixed into a seed
/// (`SeededGenerator(seed:_:)`), so that choices of one kind do not follow from those of another. A value must never change,
/// or runs of earlier versions could not be repeated; the streams of data, learning, search and augmentation stand in files
/// of their own beside this one.
public enum RandomStream {}
