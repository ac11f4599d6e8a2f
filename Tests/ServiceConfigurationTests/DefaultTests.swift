import Addresses
import ServiceConfiguration
import Testing

@testable import ServiceConfiguration

@Suite(.timeLimit(.minutes(1)))
struct DefaultTests {
    /// The keys of a record with their defaults, as a flow mapping.
    private func written(_ record: SchemaRecord) -> String {
        let entries = record.keys.compactMap { key -> String? in
            if case .record(let inner) = key.type {
                // Without its keys there is nothing: no default stands for them.
                return inner.keys.contains(where: \.isRequired) ? nil : "\(key.name): \(written(inner))"
            }
            return key.defaultText.map { "\(key.name): \($0)" }
        }
        return "{" + entries.joined(separator: ", ") + "}"
    }

    @Test
    func `the defaults of the table are those of the model`() throws {
        let health = written(Schema.health).dropFirst()
        let own = Schema.process.keys.filter { $0.name != "health" }
        let process = written(SchemaRecord(name: "", keys: own)).dropFirst().dropLast()
        let short = """
            services:
              e: {type: echo, listen: 127.0.0.1:1}
              f: {type: forward, listen: 127.0.0.1:2, to: h:1}
              b: {type: proxy-bridge, listen: 127.0.0.1:3, upstream: direct}
              p: {type: process, command: [x], health: {command: [y]}}
            groups:
              g: {children: [e]}
            """
        let long = """
            log: \(written(Schema.log))
            shutdown: \(written(Schema.shutdown))
            defaults: \(written(Schema.defaults))
            services:
              e: {type: echo, listen: 127.0.0.1:1, restart: \(written(Schema.restart))}
              f: {type: forward, listen: 127.0.0.1:2, to: h:1, \(written(Schema.forward).dropFirst())
              b: {type: proxy-bridge, listen: 127.0.0.1:3, upstream: direct, \(written(Schema.bridge).dropFirst())
              p: {type: process, command: [x], health: {command: [y], \(health), \(process)}
            groups:
              g: {children: [e], \(written(Schema.group).dropFirst())
            """
        #expect(try Reading.configuration(short) == Reading.configuration(long))
    }

    @Test
    func `a service takes from defaults what it does not say itself`() throws {
        let text = """
            defaults: {restart: {policy: always, intensity: 9}, drain: 1s, idle_timeout: 5s, max_connections: 7}
            services:
              own:
                type: echo
                listen: 127.0.0.1:1
                restart: {period: 1h, backoff: {factor: 1.5}}
                idle_timeout: null
                drain: 2s
              word: {type: echo, listen: 127.0.0.1:2, restart: never}
            """
        let services = try Reading.configuration(text).services
        let own = try #require(services.first)
        #expect(own.restart.policy == .always)
        #expect(own.restart.intensity == 9)
        #expect(own.restart.period == .seconds(3600))
        #expect(own.restart.backoff.factor == 1.5)
        #expect(own.idleTimeout == nil)
        #expect(own.drain == .seconds(2))
        #expect(own.maxConnections == 7)
        let word = try #require(services.last)
        #expect(word.restart.policy == .never)
        #expect(word.restart.intensity == 9)
        #expect(word.idleTimeout == .seconds(5))
        #expect(word.drain == .seconds(1))
    }

    @Test
    func `the manual names every key with its default`() throws {
        let manual = try Reading.file(Reading.root + "/man/services.yaml.5")
        var missing: [String] = []
        func visit(_ record: SchemaRecord) {
            for key in record.keys {
                let tag = ".It Ic \(key.name)"
                let lines = manual.split(separator: "\n", omittingEmptySubsequences: false)
                let found = lines.contains { line in
                    guard line.hasPrefix(tag) else { return false }
                    let rest = line.dropFirst(tag.count)
                    guard rest.isEmpty || rest.hasPrefix(" ") else { return false }
                    return key.defaultText.map { rest.hasSuffix(" default \($0)") } ?? !rest.contains(" default ")
                }
                if !found { missing.append("\(record.name): \(key.name) default \(key.defaultText ?? "none")") }
                visit(key.type)
            }
        }
        func visit(_ type: SchemaType) {
            switch type {
            case .record(let record), .either(_, let record): visit(record)
            case .list(let element), .some(let element), .oneOrMany(let element), .names(_, let element):
                visit(element)
            case .service:
                for kind in Schema.kinds { visit(kind.record) }
            case .text, .boolean, .integer, .decimal, .duration, .size, .choice, .listen, .destination, .reference,
                .pattern:
                break
            }
        }
        visit(Schema.root)
        #expect(missing == [])
    }

    @Test(arguments: Reading.examples)
    func `the manual shows the examples as they are`(name: String) throws {
        let manual = try Reading.file(Reading.root + "/man/services.yaml.5")
        let body = try Reading.example(name).replacing("\\", with: "\\e")
        #expect(manual.contains(".Bd -literal\n\(body).Ed\n"))
    }
}
