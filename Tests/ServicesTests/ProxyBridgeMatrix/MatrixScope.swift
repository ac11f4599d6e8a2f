/// What of the matrix the bridge can do already; a kind or a form is switched on where it is named here.
enum MatrixScope {
    static let kinds: [MatrixKind] = [.http, .https, .socks5, .socks5h, .direct]
    static let forms: [MatrixForm] = [.connect, .get, .post]

    /// Every cell of the table, in the order of kinds, forms and behaviours.
    static let cells: [MatrixCell] = kinds.flatMap { kind in
        forms.flatMap { form in
            MatrixBehaviour.allCases.compactMap { behaviour in
                MatrixTable.outcome(kind, form, behaviour).map { outcome in
                    MatrixCell(kind: kind, form: form, behaviour: behaviour, outcome: outcome)
                }
            }
        }
    }
}
