/// The Python objects that are understood when a pickle names them. None is executed; of every other, no more is known
/// than its name.
enum PickleGlobal {
    case dictionary
    case defaultDictionary
    case list
    case tuple
    case set
    case bytes
    case complex
    /// The function `_codecs.encode`, by which protocol 2 writes bytes as text in Latin-1.
    case encode
    case device
    case elementType(ElementType)
    /// A storage class; nil for untyped bytes.
    case storage(ElementType?)
    case rebuildTensor
    case rebuildTensorWithElementType
    case rebuildParameter
    case rebuildFromType
    case tensorClass
    case numpyElementType
    case numpyScalar
    /// A built-in type that is only ever mentioned, as the factory of a `defaultdict`.
    case mention

    /// The object of that name; nil where it is not on the list.
    init?(module: String, name: String) {
        let fullName = Self.fullName(module: module, name: name)
        if let known = Self.known[fullName] {
            self = known
        } else if module == "torch", let type = ElementType(torchName: name) {
            self = .elementType(type)
        } else if module == "torch" || module == "torch.cuda", let type = ElementType(torchStorageName: name) {
            self = .storage(type)
        } else {
            return nil
        }
    }

    /// Module and name; protocol 2 uses the module names of Python 2.
    static func fullName(module: String, name: String) -> String {
        switch module {
        case "__builtin__": "builtins." + name
        case "copy_reg": "copyreg." + name
        default: module + "." + name
        }
    }

    private static let known: [String: PickleGlobal] = [
        "builtins.dict": .dictionary,
        "builtins.list": .list,
        "builtins.tuple": .tuple,
        "builtins.set": .set,
        "builtins.frozenset": .set,
        "builtins.bytes": .bytes,
        "builtins.bytearray": .bytes,
        "builtins.complex": .complex,
        "builtins.int": .mention,
        "builtins.float": .mention,
        "builtins.bool": .mention,
        "builtins.str": .mention,
        "_codecs.encode": .encode,
        "collections.OrderedDict": .dictionary,
        "collections.Counter": .dictionary,
        "collections.defaultdict": .defaultDictionary,
        "torch.Size": .tuple,
        "torch.device": .device,
        "torch.Tensor": .tensorClass,
        "torch.nn.parameter.Parameter": .tensorClass,
        "torch.nn.parameter.Buffer": .tensorClass,
        "torch.UntypedStorage": .storage(nil),
        "torch.storage.UntypedStorage": .storage(nil),
        "torch.storage.TypedStorage": .storage(nil),
        "torch._utils._rebuild_tensor": .rebuildTensor,
        "torch._utils._rebuild_tensor_v2": .rebuildTensor,
        "torch._utils._rebuild_tensor_v3": .rebuildTensorWithElementType,
        "torch._utils._rebuild_parameter": .rebuildParameter,
        "torch._utils._rebuild_parameter_with_state": .rebuildParameter,
        "torch._tensor._rebuild_from_type_v2": .rebuildFromType,
        "numpy.dtype": .numpyElementType,
        "numpy.core.multiarray.scalar": .numpyScalar,
        "numpy._core.multiarray.scalar": .numpyScalar,
    ]
}
