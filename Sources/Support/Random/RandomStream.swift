/// Names of the streams of random numbers, so that no two purposes draw the same ones. Each is a coordinate of
/// `SeededGenerator`; the values are part of what a seed means and never change.
public enum RandomStream {}
