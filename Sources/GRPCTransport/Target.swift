/// Where a server listens.
package enum Target: Hashable, Sendable {
    /// A host name or an address in numbers, IPv6 without brackets.
    case tcp(host: String, port: UInt16)
    /// The absolute path of a unix socket: at most 107 bytes.
    case unix(path: String)

    /// As the C core wants it; numeric addresses skip the resolver.
    var uri: String {
        switch self {
        case .unix(let path): "unix:\(Self.percentEncoded(path))"
        case .tcp(let host, let port):
            if host.contains(":") {
                "ipv6:[\(host)]:\(port)"
            } else if Self.isIPv4(host) {
                "ipv4:\(host):\(port)"
            } else {
                "dns:///\(host):\(port)"
            }
        }
    }

    /// Whether what is sent there stays on this machine.
    package var isLocal: Bool {
        switch self {
        case .unix: true
        case .tcp(let host, _):
            host == "localhost" || host == "::1" || (host.hasPrefix("127.") && Self.isIPv4(host))
        }
    }

    private static func isIPv4(_ host: String) -> Bool {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts.allSatisfy { UInt8($0) != nil }
    }

    /// The core decodes percent signs in the path, and stops at `?` and `#`.
    private static func percentEncoded(_ path: String) -> String {
        var encoded = ""
        for byte in path.utf8 {
            let character = Unicode.Scalar(byte)
            let isPlain =
                ("a"..."z").contains(character) || ("A"..."Z").contains(character)
                || ("0"..."9").contains(character) || "-._~/".unicodeScalars.contains(character)
            if isPlain {
                encoded.unicodeScalars.append(character)
            } else {
                encoded += (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
            }
        }
        return encoded
    }

    /// Refuses what the C core would misread.
    func check() throws(RPCError) {
        switch self {
        case .unix(let path):
            guard path.hasPrefix("/") else {
                throw bad("the path of a unix socket must be absolute")
            }
            guard path.utf8.count <= 107 else {
                throw bad(
                    "the path has \(path.utf8.count) bytes; a unix socket's has at most 107: use a "
                        + "shorter folder")
            }
            guard !path.utf8.contains(0) else { throw bad("the path contains a zero byte") }
        case .tcp(let host, let port):
            let isSane = host.utf8.allSatisfy { byte in
                byte > 0x20 && byte < 0x7F && !"/[]%#?@".utf8.contains(byte)
            }
            guard isSane, !host.isEmpty else { throw bad("this is no host name or address") }
            guard port != 0 else { throw bad("port 0 cannot be connected to") }
        }
    }

    private func bad(_ what: String) -> RPCError {
        RPCError(.invalidArgument, what, at: "\(self)", trouble: .badAddress)
    }
}

extension Target: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unix(let path): "unix:\(path)"
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        }
    }
}
