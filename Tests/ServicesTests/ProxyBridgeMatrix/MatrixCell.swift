import Testing

/// One case of the matrix, and what its client must get.
struct MatrixCell: Sendable, CustomTestStringConvertible {
    let kind: MatrixKind
    let form: MatrixForm
    let behaviour: MatrixBehaviour
    let outcome: MatrixOutcome

    var testDescription: String { "\(kind) \(form.rawValue) \(behaviour)" }
}
