import ScenarioSupport
import Testing

extension ReleaseBinary {
    @Suite struct Check {
        /// Long enough for a loaded machine; a hang is what it is for.
        private static let limit = Duration.seconds(5)

        @Test func `every example passes the check`() throws {
            try Scenario.run { scenario in
                for (name, text) in try Examples.all(from: #filePath) {
                    let checked = try CheckedFile.check(text, in: scenario.folder)
                    #expect(checked.status == .exited(0), "\(name): \(checked.output)")
                }
            }
        }

        @Test func `the configurations in the image and in the Kubernetes manifest pass the check`() throws {
            try Scenario.run { scenario in
                let packaging = try Examples.folder(from: #filePath) + "/../packaging"
                let manifest = try FileText.read(packaging + "/kubernetes/swift-supervisor.yaml")
                let secrets = manifest.matches(of: /"\$\{file:([a-z-]+)\}"/).map { String($0.output.1) }
                #expect(secrets.count == 4)
                for name in secrets { try FileText.write("secret", to: scenario.folder + "/" + name) }
                for text in [try FileText.read(packaging + "/container/services.yaml"), try Self.mapped(in: manifest)] {
                    let checked = try CheckedFile.check(text, in: scenario.folder)
                    #expect(checked.status == .exited(0), "\(checked.output)\n\(text)")
                }
            }
        }

        @Test func `a hundred single mutations of the examples are each rejected at the right line`() throws {
            let mutations = try Self.hundred()
            #expect(mutations.count == 100)
            #expect(Set(mutations.map(\.kind)).count == Mutation.Kind.allCases.count)
            try Scenario.run { scenario in
                for mutation in mutations {
                    let checked = try CheckedFile.check(mutation.text, in: scenario.folder)
                    #expect(checked.status == .exited(78), "\(mutation)\n\(checked.output)")
                    #expect(checked.lines.contains(mutation.line), "\(mutation)\n\(checked.output)")
                    #expect(checked.duration < Self.limit, "\(mutation)")
                }
            }
        }

        @Test func `the check shows each diagnostic with its source line and a caret`() throws {
            try Scenario.run { scenario in
                let configuration = ConfigurationText("  echo: { type: echo, listne: \"127.0.0.1:7007\" }")
                let checked = try CheckedFile.check(configuration.text, in: scenario.folder)
                #expect(checked.status == .exited(78))
                let lines = checked.output.split(separator: "\n").map(String.init)
                let source = try #require(lines.firstIndex { $0.contains("echo: { type: echo, listne: ") })
                let column = try #require(lines[source].firstRange(of: "listne")).lowerBound
                let offset = lines[source].distance(from: lines[source].startIndex, to: column)
                try #require(source + 1 < lines.count)
                let caret = try #require(lines[source + 1].firstIndex(of: "^"))
                #expect(lines[source + 1].distance(from: lines[source + 1].startIndex, to: caret) == offset)
            }
        }

        /// The file in the ConfigMap of a manifest.
        private static func mapped(in manifest: String) throws -> String {
            let lines = manifest.split(separator: "\n", omittingEmptySubsequences: false)
            let key = try #require(lines.firstIndex(of: "  services.yaml: |"))
            let block = lines[(key + 1)...].prefix { $0.isEmpty || $0.hasPrefix("    ") }
            return block.map { $0.dropFirst(4) + "\n" }.joined()
        }

        /// A hundred of all mutations, of each kind in turn, spread over all examples.
        private static func hundred() throws -> [Mutation] {
            let all = try Examples.all(from: #filePath).flatMap { Mutation.all(of: $0.text, file: $0.name) }
            let kinds = Mutation.Kind.allCases.map { kind in all.filter { $0.kind == kind } }
            var picked: [Mutation] = []
            var rest = kinds.map { Self.spread($0)[...] }
            while picked.count < 100, rest.contains(where: { !$0.isEmpty }) {
                for index in rest.indices where picked.count < 100 {
                    if let mutation = rest[index].popFirst() { picked.append(mutation) }
                }
            }
            return picked
        }

        /// The same mutations in an order whose every beginning is spread over the whole.
        private static func spread(_ mutations: [Mutation]) -> [Mutation] {
            let step = 7
            return (0..<step).flatMap { start in
                stride(from: start, to: mutations.count, by: step).map { mutations[$0] }
            }
        }
    }
}
