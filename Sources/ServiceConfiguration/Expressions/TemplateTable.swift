import YAML

/// The templates of all files by the places of their scalars, each taken apart once for all instances of its service.
final class TemplateTable {
    private let sources: [Source]
    /// The texts of files with expressions, by their numbers in positions.
    private var texts: [Int: SourceText] = [:]
    private let log: DiagnosticLog
    private var templates: [Position: Template?] = [:]
    /// What templates without anything that differs from instance to instance have become.
    private var settled: [Position: Expander.Expanded?] = [:]

    init(sources: [Source], log: DiagnosticLog) {
        self.sources = sources
        self.log = log
    }

    /// The template of `text`, the scalar of `node`; what is wrong was reported, and the result is nil then.
    func template(of text: String, at node: Node) -> Template? {
        if let known = templates[node.position] { return known }
        let template = Template.parsed(text, at: node, source: sourceText(node.position.source), log: log)
        templates[node.position] = .some(template)
        return template
    }

    private func sourceText(_ number: Int) -> SourceText {
        if let known = texts[number] { return known }
        let text = SourceText(sources[number].bytes)
        texts[number] = text
        return text
    }

    /// The result of `expand`, which is called once for a template that is the same for every instance.
    func expanded(
        _ template: Template,
        at node: Node,
        by expand: (Template) -> Expander.Expanded?
    ) -> Expander.Expanded? {
        guard template.isSameForAll else { return expand(template) }
        if let known = settled[node.position] { return known }
        let result = expand(template)
        settled[node.position] = .some(result)
        return result
    }
}
