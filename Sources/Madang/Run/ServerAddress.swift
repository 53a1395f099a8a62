import Foundation
import GRPCTransport

/// `unix:PATH`, `HOST:PORT` or `[IPV6]:PORT`, as written.
struct ServerAddress {
    private let text: String

    init?(_ text: String) {
        self.text = text
        if text.hasPrefix("unix:") {
            guard text.utf8.count > 5 else { return nil }
        } else {
            guard Self.tcp(text) != nil else { return nil }
        }
    }

    /// - Parameter folder: Where a relative path counts from.
    func target(in folder: String) -> Target {
        if text.hasPrefix("unix:") {
            let path = String(text.dropFirst(5))
            let whole = path.hasPrefix("/") ? path : folder + "/" + path
            return .unix(path: URL(fileURLWithPath: whole).standardizedFileURL.path)
        }
        return Self.tcp(text) ?? .unix(path: text)
    }

    private static func tcp(_ text: String) -> Target? {
        guard let colon = text.lastIndex(of: ":"),
            let port = UInt16(text[text.index(after: colon)...]),
            port > 0
        else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        return host.isEmpty ? nil : .tcp(host: String(host), port: port)
    }
}
