extension PickleGraph {
    /// Where a module's own fields are looked for: PyTorch makes them first.
    private static let fieldCount = 64

    /// The parameters, buffers and modules of an object that is a `torch.nn.Module`, by the names that they have in its
    /// `state_dict`; nil for any other.
    func parts(ofModule object: Object) -> [(key: Item, value: Item)]? {
        guard case .dictionary(let state) = object.state else { return nil }
        var fields: [String: Item] = [:]
        for case (.string(let name), let value) in dictionaries[state].entries.prefix(Self.fieldCount) {
            fields[name] = value
        }
        guard case .dictionary(let parameters)? = fields["_parameters"],
            case .dictionary(let buffers)? = fields["_buffers"],
            case .dictionary(let modules)? = fields["_modules"]
        else { return nil }
        // A `state_dict` leaves them out.
        var temporary: Set<String> = []
        if case .set(let names)? = fields["_non_persistent_buffers_set"] {
            for case .string(let name) in sequences[names] { temporary.insert(name) }
        }
        let kept = dictionaries[buffers].entries.filter { entry in
            if case .string(let name) = entry.key { !temporary.contains(name) } else { true }
        }
        return dictionaries[parameters].entries + kept + dictionaries[modules].entries
    }
}
