import Addresses
import ServiceConfiguration
import Testing

@Suite(.timeLimit(.minutes(1)))
struct RelationTests {
    @Test
    func `a service comes after those it requires, otherwise in the order of the file`() throws {
        let text = """
            services:
              a: {type: echo, listen: 127.0.0.1:1, requires: [c]}
              b: {type: echo, listen: 127.0.0.1:2}
              c: {type: echo, listen: 127.0.0.1:3, requires: d}
              d: {type: echo, listen: 127.0.0.1:4}
            """
        #expect(try Reading.configuration(text).services.map(\.name) == ["d", "c", "a", "b"])
    }

    @Test
    func `equal numbers of instances are required in pairs, others completely`() throws {
        let text = """
            services:
              one: {type: echo, listen: 127.0.0.1:1}
              two: {type: echo, listen: "127.0.0.1:${10 + instance}", instances: 2}
              pair: {type: echo, listen: "127.0.0.1:${20 + instance}", instances: 2, requires: [one, two]}
              all: {type: echo, listen: "127.0.0.1:${30 + instance}", instances: 1, requires: two}
            """
        let services = try Reading.configuration(text).services
        let requires = Dictionary(uniqueKeysWithValues: services.map { ($0.name, $0.requires) })
        #expect(requires["pair@0"] == ["one", "two@0"])
        #expect(requires["pair@1"] == ["one", "two@1"])
        #expect(requires["all@0"] == ["two@0", "two@1"])
        #expect(requires["one"] == [])
    }

    @Test
    func `a service that is not enabled leaves no trace`() throws {
        let text = """
            services:
              off: {type: forward, enabled: false, listen: "127.0.0.1:${env:UNSET}", to: "${service.on.address}"}
              on: {type: echo, listen: 127.0.0.1:1}
            """
        #expect(try Reading.configuration(text).services.map(\.name) == ["on"])
    }

    @Test
    func `instances of a service that is not enabled cannot be required`() {
        let text = """
            services:
              off: {type: echo, listen: 127.0.0.1:0, instances: 2, enabled: false}
              on: {type: echo, listen: 127.0.0.1:0, instances: 2, requires: off}
            """
        #expect(
            Reading.diagnostics(text) == [
                "3:65: cannot require `off`: it is not enabled; enable it or remove the reference"
            ]
        )
    }

    @Test
    func `ten thousand services in one chain are read`() throws {
        var text = "services:\n  s0: {type: echo, listen: 127.0.0.1:0}\n"
        for number in 1..<9999 {
            text += "  s\(number): {type: echo, listen: 127.0.0.1:0, requires: s\(number - 1)}\n"
        }
        let services = try Reading.configuration(text).services
        #expect(services.count == 9999)
        #expect(services.last?.requires == ["s9997"])
    }

    @Test
    func `ten thousand instances are read`() throws {
        let text = "services: {a: {type: echo, listen: 'unix:/run/a-${instance}', instances: 10000}}"
        #expect(try Reading.configuration(text).services.count == 10_000)
    }

    @Test
    func `positions do not tell two configurations apart`() throws {
        let text = "services: {f: {type: forward, listen: 127.0.0.1:1, to: h:1}}"
        #expect(try Reading.configuration(text) == Reading.configuration("\n\n# moved\n" + text))
        let other = text.replacing("h:1", with: "h:2")
        #expect(try Reading.configuration(text) != Reading.configuration(other))
    }

    @Test(arguments: ["0.0.0.0:2", "'[::]:2'", "10.0.0.1:2"])
    func `an open bridge needs permission`(address: String) throws {
        let text = "services: {b: {type: proxy-bridge, upstream: direct, listen: \(address), allow_open: true}}"
        #expect(try Reading.only(text).listen.count == 1)
        #expect(Reading.diagnostics(text.replacing("true", with: "false")).count == 1)
    }

    @Test
    func `a very wrong file gets a hundred diagnostics and the number of the others`() {
        let keys = (0..<150).map { "zzzzzz\($0): 1" }.joined(separator: "\n")
        let diagnostics = Reading.diagnostics(keys + "\nservices: {a: {type: echo, listen: 127.0.0.1:1}}")
        #expect(diagnostics.count == 101)
        #expect(diagnostics.last == "101:1: cannot list 50 more diagnostics: repair the first ones and try again")
    }

    @Test
    func `thousands of mistakes are counted, not thought about`() {
        let services = (0..<9000).map { "  s\($0): {type: echo, listen: 127.0.0.1:0, requires: nothing\($0)}\n" }
        #expect(Reading.diagnostics("services:\n" + services.joined()).count == 101)
        let keys = (0..<40_000).map { "    z\($0): 1\n" }.joined()
        #expect(Reading.diagnostics("services:\n  a:\n    type: forward\n" + keys).count == 101)
        #expect(Reading.diagnostics("services:\n  a:\n" + keys).count == 101)
        let relay = "{type: forward, instances: 8000, listen: 'unix:/f${instance}', to: '${service.nothing.address}'}"
        #expect(Reading.diagnostics("services:\n  a: \(relay)\n" + services.prefix(1000).joined()).count == 101)
    }

    @Test
    func `a long circle is shown by its beginning and its end`() {
        let waiting = (0..<9000).map { "  s\($0): {type: echo, listen: 127.0.0.1:0, requires: s\(($0 + 1) % 9000)}\n" }
        let path = "s0 -> s1 -> s2 -> s3 -> (8992 more) -> s8996 -> s8997 -> s8998 -> s8999 -> s0"
        #expect(
            Reading.diagnostics("services:\n" + waiting.joined()) == [
                "9001:54: cannot start services that wait for each other: \(path); remove a reference"
            ]
        )
        let relays = (0..<10).map {
            "  s\($0): {type: forward, listen: 127.0.0.1:\(100 + $0), to: 127.0.0.1:\(100 + ($0 + 1) % 10)}\n"
        }
        let circle = "s0 -> s1 -> s2 -> s3 -> (2 more) -> s6 -> s7 -> s8 -> s9 -> s0"
        #expect(
            Reading.diagnostics("services:\n" + relays.joined()) == [
                "11:50: cannot relay in a circle: \(circle); choose another destination for `s9`"
            ]
        )
        let two = relays.dropLast(1).joined() + relays[9].replacing(":100}", with: ":108}")
        #expect(Reading.diagnostics("services:\n" + two).allSatisfy { $0.contains("circle: s8 -> s9 -> s8;") })
    }

    @Test
    func `a few lines cannot ask for millions of addresses or references`() throws {
        func many(_ count: Int) -> String {
            let list = String(repeating: "127.0.0.1:0, ", count: count)
            return "services:\n  a: {type: echo, instances: 1024, listen: [\(list)]}\n"
        }
        #expect(try Reading.configuration(many(64)).services.count == 1024)
        #expect(
            Reading.diagnostics(many(20_000)) == [
                "2:3: cannot listen on 20480000 addresses in all: at most 65536 are possible, remove some"
            ]
        )
        func pairs(_ count: Int, _ other: Int) -> String {
            """
            services:
              a: {type: echo, instances: \(count), listen: 'unix:/a${instance}'}
              b: {type: echo, instances: \(other), listen: 'unix:/b${instance}', requires: a}
            """
        }
        #expect(try Reading.configuration(pairs(5000, 5000)).services.count == 10_000)
        #expect(
            Reading.diagnostics(pairs(5000, 4999)) == [
                "3:3: cannot keep 24995000 references between instances in all: at most 100000 are kept, remove some"
            ]
        )
    }
}
