import Addresses
import ServiceConfiguration

/// What an upstream says about its refusal; for the log only.
///
/// Upstreams repeat what they were sent: a value in which any part of the credential occurs is not kept.
struct UpstreamDiagnostics {
    /// The fields of a refusal that tell its reason; never those that could carry a credential or a realm.
    private static let names: Set<String> = [
        "proxy-status", "x-brd-err-code", "x-brd-err-msg", "x-squid-error", "retry-after",
    ]
    /// Enough to recognise a known error by.
    private static let bytes = 200

    /// By their names in small letters.
    private(set) var fields: [String: String] = [:]

    init() {}

    /// Keeps the first field of each name.
    init(_ head: ResponseHead, hiding credential: Credential?) {
        for field in head.fields where Self.names.contains(field.name) && fields[field.name] == nil {
            let isHidden = credential?.occurs(in: field.value) ?? false
            fields[field.name] =
                isHidden ? "***" : RequestRecord.escaped(field.value, limit: Self.bytes, blanks: true)
        }
    }
}

extension Credential {
    /// True when `text` contains the user name, the password, or both as Basic sends them, in any usual spelling.
    func occurs(in text: String) -> Bool {
        var spellings = [text.lowercased()]
        do throws(PercentText.Malformed) {
            spellings.append(try PercentText.decoded(text).lowercased())
        } catch {
            // It is not percent-encoded, so there is no other spelling.
        }
        return username.reveal { name in
            password.reveal { word in
                let encoded = [name, word, "\(name):\(word)"].map { part in
                    String(Base64.text(of: Array(part.utf8)).prefix { $0 != "=" })
                }
                return ([name, word] + encoded).contains { part in
                    !part.isEmpty && spellings.contains { $0.contains(part.lowercased()) }
                }
            }
        }
    }
}
