import Foundation
import Testing

/// Secrets of a scene, one for each way in, and the search for them where they must not be.
struct Canaries: Sendable {
    /// One secret, and how it may be written.
    struct Canary: Sendable {
        let name: String
        let text: String
        /// As it is, percent-encoded, in hexadecimal, in base64 wherever it begins.
        let forms: [Data]

        init(_ name: String, _ text: String) {
            self.name = name
            self.text = text
            let bytes = Array(text.utf8)
            func hex(_ before: String, _ isUpper: Bool) -> String {
                bytes.map { byte in
                    let digits = String(byte, radix: 16, uppercase: isUpper)
                    return before + (digits.utf8.count < 2 ? "0" : "") + digits
                }.joined()
            }
            var texts = [text, hex("", false), hex("", true), hex("%", false), hex("%", true)]
            texts.append(text.replacing("-", with: "%2D"))
            for shift in 0..<3 {
                let whole = Data([UInt8](repeating: 0, count: shift) + bytes)
                let end = whole.count / 3 * 4
                let base64 = String(
                    whole.base64EncodedString().prefix(end).dropFirst([0, 2, 3][shift]))
                texts.append(base64)
                texts.append(base64.replacing("+", with: "-").replacing("/", with: "_"))
            }
            forms = texts.map { Data($0.utf8) }
        }
    }

    static let environment = Canary("token in the environment", "CANARY-env-5d6e7f-ab")
    static let file = Canary("token in a file", "CANARY-file-91c0aa-cd")
    static let webhook = Canary("webhook", "CANARY-hook-33b1f0-ef")
    static let server = Canary("bearer token of a server", "CANARY-bearer-7e2210-gh")
    static let key = Canary("key of TLS", "CANARYkey4410bbIJ")
    static let handedOn = Canary("key handed on to a server", "CANARY-handed-0088fe-kl")
    static let literal = Canary("secret written down", "CANARY-written-65ad11-mn")
    static let all = [environment, file, webhook, server, key, handedOn, literal]

    /// Names of those that occur.
    static func found(in bytes: Data, but allowed: [String] = []) -> [String] {
        all.filter { canary in
            !allowed.contains(canary.name) && canary.forms.contains { bytes.range(of: $0) != nil }
        }.map(\.name)
    }

    static func expectNone(
        _ what: String, in text: String, but allowed: [Canary] = [],
        _ location: SourceLocation = #_sourceLocation
    ) {
        let found = found(in: Data(text.utf8), but: allowed.map(\.name))
        #expect(found.isEmpty, "\(what)", sourceLocation: location)
    }

    /// Neither in what a program wrote, nor in any file of its folder but those that bring the secrets.
    static func expectNone(
        _ what: String, in scene: Scene, _ outcome: Program.Outcome, but secrets: [String],
        _ location: SourceLocation = #_sourceLocation
    ) throws {
        for (name, lines) in [("output", outcome.output), ("errors", outcome.errors)] {
            for line in lines {
                let found = found(in: Data(line.utf8))
                #expect(found.isEmpty, "\(what), \(name): \(line)", sourceLocation: location)
            }
        }
        for file in try FileManager.default.subpathsOfDirectory(atPath: scene.path)
        where !secrets.contains(file) {
            let bytes = FileManager.default.contents(atPath: scene.path + "/" + file) ?? Data()
            #expect(found(in: bytes).isEmpty, "\(what): \(file)", sourceLocation: location)
        }
    }
}
