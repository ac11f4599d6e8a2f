import Addresses
import YAML

/// Replaces the expressions of a scalar by their values, for one instance of one service.
///
/// A value is put in as it is: an expression inside it is text.
struct Expander {
    /// What a value may grow to, the same as without expressions.
    private static let valueLimit = 65_536
    /// The content of a file is for one value: a credential, a name, an address.
    private static let fileLimit = 65_536

    /// A scalar with its expressions replaced.
    struct Expanded {
        var text: String
        /// True when the environment or a file contributed: then `text` is never quoted.
        var isPrivate: Bool
        var position: Position

        /// The text for a message.
        var shown: String { isPrivate ? "this value" : Wording.quoted(text) }
    }

    let surroundings: Surroundings
    let templates: TemplateTable
    let log: DiagnosticLog
    /// The instance's number; nil outside services and in a service without instances.
    var instance: Int?
    /// The addresses of services, once they are known; while they are being found out, nil.
    var addresses: ServiceAddresses?

    /// The text of `node`, nil when it is no scalar or something in it was reported.
    func expand(_ node: Node) -> Expanded? {
        guard case .scalar(let text, let quoted) = node.content, !Scalars.isNull(text, quoted: quoted) else {
            return nil
        }
        guard let template = templates.template(of: text, at: node) else { return nil }
        return templates.expanded(template, at: node) { value(of: $0, at: node.position) }
    }

    private func value(of template: Template, at place: Position) -> Expanded? {
        var result = Expanded(text: "", isPrivate: false, position: place)
        for piece in template.pieces {
            switch piece {
            case .literal(let literal): result.text += literal
            case .expression(let expression, let position):
                guard let replacement = value(of: expression, at: position) else { return nil }
                result.text += replacement
                result.isPrivate = result.isPrivate || isPrivate(expression)
            }
            guard result.text.utf8.count <= Self.valueLimit else {
                log.report(place, "cannot use a value of over 64 KiB: shorten what its expressions stand for")
                return nil
            }
        }
        return result
    }

    private func isPrivate(_ expression: Expression) -> Bool {
        switch expression {
        case .environment, .file: true
        case .arithmetic, .service: false
        }
    }

    private func value(of expression: Expression, at position: Position) -> String? {
        switch expression {
        case .environment(let name, let fallback): variable(name, fallback: fallback, at: position)
        case .file(let path): content(of: path, at: position)
        case .arithmetic(let arithmetic): number(arithmetic, at: position)
        case .service(let name, let wanted): part(wanted, of: name, at: position)
        }
    }

    /// As in the shell, an empty variable counts as unset where there is a default.
    private func variable(_ name: String, fallback: String?, at position: Position) -> String? {
        let value = surroundings.variable(name)
        if let fallback { return value.flatMap { $0.isEmpty ? nil : $0 } ?? fallback }
        if value == nil {
            let advice = "set it, or write `${env:\(name):-default}`"
            log.report(position, "cannot read the environment variable `\(name)`: it is not set; \(advice)")
        }
        return value
    }

    private func content(of path: String, at position: Position) -> String? {
        let shown = Wording.quotedPath(path)
        switch surroundings.file(resolved(path, at: position)) {
        case .failure(let problem):
            log.report(
                position,
                "cannot read the file \(shown): \(problem.reason); make it readable or correct the path"
            )
            return nil
        case .success(let bytes):
            guard bytes.count <= Self.fileLimit else {
                log.report(
                    position,
                    "cannot use the file \(shown): it is larger than 64 KiB; name a file with one value"
                )
                return nil
            }
            guard let text = String(validating: bytes, as: UTF8.self) else {
                log.report(position, "cannot use the file \(shown): it is not UTF-8; save it as UTF-8")
                return nil
            }
            guard let last = text.last, last.isNewline, text.hasSuffix("\n") else { return text }
            return String(text.dropLast())
        }
    }

    /// A relative path starts at the folder of the file in which it stands.
    func resolved(_ path: String, at position: Position) -> String { log.source(position).resolved(path) }

    private func number(_ arithmetic: Arithmetic, at position: Position) -> String? {
        do throws(Arithmetic.Failure) {
            return String(try arithmetic.value(instance: instance))
        } catch {
            log.report(position, error.message)
            return nil
        }
    }

    private func part(_ part: Expression.ServicePart, of name: String, at position: Position) -> String? {
        guard let addresses else {
            log.report(position, "cannot use the address of a service in an address to listen on: write the address")
            return nil
        }
        switch addresses.part(part, of: name, instance: instance) {
        case .success(let text): return text
        case .failure(let problem):
            if let message = problem.message { log.report(position, message()) }
            return nil
        }
    }
}
