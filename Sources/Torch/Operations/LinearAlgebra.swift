extension Tensor {
    /// The matrix product over the last two dimensions, the others broadcast.
    public func matrixProduct(_ other: Tensor) throws -> Tensor { try Op.matrixProduct(.tensor(self), .tensor(other)) }
    /// Einstein's summation, such as `Tensor.einsum("nc,ck->nk", [q, queue])`.
    public static func einsum(_ equation: String, _ tensors: [Tensor]) throws -> Tensor {
        try Op.einsum(.string(equation), .tensors(tensors))
    }
    /// U, S and V^H with self = U diag(S) V^H; the thin form.
    public func singularValueDecomposition() throws -> (u: Tensor, s: Tensor, vh: Tensor) {
        let results = try Op.singularValues.list(.tensor(self), .bool(false))
        guard results.count == 3, let u = results[0], let s = results[1], let vh = results[2] else {
            throw TorchError(.other, operation: "svd", message: "did not return three tensors")
        }
        return (u, s, vh)
    }
    /// Eigenvalues in ascending order and eigenvectors, in columns, of symmetric matrices.
    public func symmetricEigen() throws -> (values: Tensor, vectors: Tensor) {
        try pair(Op.eigh.list(.tensor(self)), "symmetricEigen")
    }
    /// Q and R with self = QR.
    public func qr() throws -> (q: Tensor, r: Tensor) { try pair(Op.qr.list(.tensor(self)), "qr") }
    /// X with self X = B.
    public func solved(_ right: Tensor) throws -> Tensor { try Op.solve(.tensor(self), .tensor(right)) }
    /// The lower factor L with self = L L^T.
    public func cholesky() throws -> Tensor { try Op.cholesky(.tensor(self)) }
    /// Of square matrices [..., n, n]: a number for each, [...].
    public func determinant() throws -> Tensor { try Op.determinant(.tensor(self)) }
    /// Of square matrices [..., n, n]; to multiply by it, `solved(_:)` is faster and more exact.
    ///
    /// - Throws: `TorchError` if a matrix is singular.
    public func inverse() throws -> Tensor { try Op.inverse(.tensor(self)) }
}
