import Foundation

/// The names in the .proto files of the contract.
struct Contract {
    /// Fields of each message.
    private(set) var messages: [String: Set<String>] = [:]
    private(set) var enumValues: Set<String> = []

    init() throws {
        let folder = "Protos/madang/strategy/v1"
        let names = try FileManager.default.contentsOfDirectory(
            atPath: Document.root.appending(path: folder).path)
        for name in names.sorted() { read(try Document("\(folder)/\(name)").text) }
    }

    private mutating func read(_ text: String) {
        // Innermost last; `nil` for what is no message: an enum, a oneof, a service.
        var open: [String?] = []
        for line in text.split(separator: "\n") {
            let code = line.prefix { $0 != "/" }.trimmingCharacters(in: .whitespaces)
            if let found = code.firstMatch(of: /^message (\w+) \{$/) {
                open.append(String(found.1))
                messages[String(found.1)] = []
            } else if code.hasSuffix("{") {
                open.append(nil)
            } else if code.hasPrefix("}") {
                open.removeLast()
            } else if let found = code.firstMatch(of: /(\w+) = \d+;/) {
                let name = String(found.1)
                if name == name.uppercased() {
                    enumValues.insert(name)
                } else if let message = open.compactMap({ $0 }).last {
                    messages[message]?.insert(name)
                }
            }
        }
    }
}
