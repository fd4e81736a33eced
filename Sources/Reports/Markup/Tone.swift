/// The few colours that marks and text may have. What they look like is up to `Palette`, and differs between light
/// and dark; each pair can be told apart with any of the common kinds of colour blindness.
public enum Tone: String, Sendable, CaseIterable {
    /// What the picture is about: the validation curve, right answers, the front.
    case accent
    /// What went wrong, or the one thing to look at.
    case alert
    /// Further series.
    case third
    /// Further series.
    case fourth
    /// Context: the training curve, other points.
    case quiet

    /// The class that gives an element, and what is in it, this colour.
    var className: String { "tone-\(rawValue)" }
}
