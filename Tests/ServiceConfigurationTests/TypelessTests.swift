import Testing

@Suite(.timeLimit(.minutes(1)))
struct TypelessTests {
    @Test(arguments: [
        ("type: ech", ["3:12: cannot use `ech` for `type`: did you mean `echo`?"]),
        ("tpye: echo", ["3:6: cannot use unknown key `tpye` in a service: did you mean `type`?"]),
        (
            "listen: 127.0.0.1:2",
            ["2:3: cannot use a service without `type`: write `echo`, `forward`, `proxy-bridge` or `process`"]
        ),
        ("type: [echo]", ["3:12: cannot use a list for `type`: write `echo`, `forward`, `proxy-bridge` or `process`"]),
    ])
    func `a service without a usable type has its other mistakes reported`(line: String, first: [String]) {
        let text = """
            services:
              e: {
                 \(line),
                 listn: 127.0.0.1:1,
                 drian: 5,
                 to: 7,
                 connect_timout: 1s,
                 zzzzz: 1,
                 timeouts: 5
               }
            """
        let diagnostics = Reading.diagnostics(text)
        #expect(diagnostics.filter { first.contains($0) } == first, "\(diagnostics)")
        let others = diagnostics.filter { !first.contains($0) }
        #expect(
            others.dropLast() == [
                "4:6: cannot use unknown key `listn` in a service: did you mean `listen`?",
                "5:6: cannot use unknown key `drian` in a service: did you mean `drain`?",
                "7:6: cannot use unknown key `connect_timout` in a service: did you mean `connect_timeout`?",
            ]
        )
        #expect(others.last?.hasPrefix("8:6: cannot use unknown key `zzzzz` in a service: use `type`, ") == true)
    }
}
