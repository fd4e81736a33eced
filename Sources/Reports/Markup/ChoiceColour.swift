/// A colour for each of a few alternatives that have no order, such as the candidates of a block. There are eight;
/// from the ninth on they come again, so whatever they tell stands in words or by its place too.
enum ChoiceColour {
    /// As many as `Palette` has.
    static let count = 8

    /// The class that gives an element, and what is in it, the colour of the alternative at a position.
    static func className(_ position: Int) -> String { "choice-\(max(0, position) % count + 1)" }
}
