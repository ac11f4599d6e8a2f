import Testing

/// What must hold for the answer and the record of one case.
struct MatrixCheck {
    private let cell: MatrixCell

    init(_ cell: MatrixCell) {
        self.cell = cell
    }

    func check(_ answer: MatrixClient.Answer) {
        MatrixCheck.expectNoCanary(in: answer.text)
        switch cell.outcome {
        case .opens(let delivery):
            #expect(answer.head == "HTTP/1.1 200 Connection established\r\n\r\n")
            check(delivery, answer)
        case .upgrades(let delivery):
            #expect(answer.status == 101, "\(answer)")
            #expect(answer.head.lowercased().contains("\r\nupgrade: websocket\r\n"), "\(answer)")
            check(delivery, answer)
        case .passes(let status):
            #expect(answer.status == status && !answer.isCut, "\(answer)")
            // A length bounds what is relayed: bytes behind it are nobody's answer.
            #expect(answer.rest == [200: "origin", 204: ""][status, default: "page of the upstream"], "\(answer)")
            #expect(answer.interim == (cell.behaviour == .continueThenOK ? 1 : 0))
        case .fails(let status, let word, let received):
            #expect(answer.status == status && !answer.isCut && answer.interim == 0, "\(answer)")
            let receivedStatus = received.map { "; received-status=\($0)" } ?? ""
            #expect(
                answer.head.contains("\r\nProxy-Status: \"bridge@1\"; error=\(word)\(receivedStatus)\r\n"),
                "\(answer)"
            )
            #expect(answer.head.contains("\r\nConnection: close\r\n"), "\(answer)")
            #expect(answer.rest.hasPrefix("\(word) bridge@1: cannot "), "\(answer)")
            #expect(!answer.text.contains("page of") && !answer.text.contains("realm of"), "\(answer)")
        }
    }

    private func check(_ delivery: MatrixOutcome.Delivery, _ answer: MatrixClient.Answer) {
        switch delivery {
        case .pong: #expect(answer.rest == "pong\n" && !answer.isCut, "\(answer)")
        case .bannerAndPong: #expect(answer.rest == "banner\npong\n" && !answer.isCut, "\(answer)")
        case .raw: #expect(answer.rest == MatrixReply.text(of: cell.behaviour, to: .get) && !answer.isCut, "\(answer)")
        case .nothing: #expect(answer.rest.isEmpty && !answer.isCut, "\(answer)")
        case .cut: #expect(answer.rest.isEmpty && answer.isCut, "\(answer)")
        case .idle: #expect(answer.rest.isEmpty, "\(answer)")
        }
    }

    func check(record: String) {
        let method = cell.form == .upgrade ? "GET" : cell.form.rawValue
        #expect(record.contains(" method=\(method) ") && record.contains(" target=127.0.0.1:"), "\(record)")
        #expect(record.contains(" upstream=\(cell.kind == .direct ? "direct" : "office")"), "\(record)")
        #expect(record.contains(" generation=1 "), "\(record)")
        switch cell.outcome {
        case .opens: #expect(record.contains(" status=200") && !record.contains(" error="), "\(record)")
        case .upgrades: #expect(record.contains(" status=101") && !record.contains(" error="), "\(record)")
        case .passes(let status):
            #expect(record.contains(" status=\(status)") && !record.contains(" error="), "\(record)")
        case .fails(let status, let word, let received):
            #expect(record.contains(" status=\(status)") && record.contains(" error=\(word) "), "\(record)")
            if let received { #expect(record.contains(" received=\(received) "), "\(record)") }
        }
    }

    static func expectNoCanary(in text: String) {
        for canary in MatrixSettings.canaries { #expect(!text.contains(canary), "a secret is in \(text)") }
    }
}
