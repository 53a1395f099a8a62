import CGRPC

/// How a channel is protected on its way.
package enum Security: Sendable {
    /// Plain text: for unix sockets, loopback and tests.
    case insecure
    case tls(TLS)

    /// Which server is believed, and who we are to it.
    package struct TLS: Sendable {
        /// Certificates of the authorities believed, PEM; the system's when `nil`.
        package var roots: [UInt8]?
        /// Our certificate chain and its key, for servers that demand them.
        package var identity: Identity?
        /// Another name to look for in the server's certificate. For tests only.
        package var serverName: String?

        package init(
            roots: [UInt8]? = nil, identity: Identity? = nil, serverName: String? = nil
        ) {
            self.roots = roots
            self.identity = identity
            self.serverName = serverName
        }
    }

    /// A certificate chain and its private key, PEM. Never printed.
    package struct Identity: Sendable, CustomStringConvertible, CustomReflectable {
        let chain: [UInt8]
        let key: [UInt8]
        package init(chain: [UInt8], key: [UInt8]) {
            self.chain = chain
            self.key = key
        }
        package var description: String { "Identity(<hidden>)" }
        package var customMirror: Mirror { Mirror(self, children: []) }
    }
}

/// A token sent with every call as `authorization: Bearer …`. Never printed.
package struct BearerToken: Sendable, CustomStringConvertible, CustomReflectable {
    let current: @Sendable () -> String

    /// - Parameter current: Asked at the start of each call, on the caller's thread; must be quick.
    package init(current: @escaping @Sendable () -> String) { self.current = current }
    package init(_ token: String) { current = { token } }

    /// The other side's words, with stars where they quote the token.
    func masked(_ words: String) -> String {
        let token = words.isEmpty ? "" : current()
        return token.isEmpty ? words : words.replacing(token, with: "********")
    }

    package var description: String { "BearerToken(<hidden>)" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

extension Security {
    /// - Throws: ``RPCError``, `badCredentials`, when the PEM texts cannot be used.
    func makeCredentials(for place: String) throws(RPCError) -> CredentialsHandle {
        guard case .tls(let tls) = self else {
            guard let raw = grpc_insecure_credentials_create() else {
                throw bad("the gRPC core made no credentials", place)
            }
            return CredentialsHandle(raw: raw)
        }
        try check(tls.roots, "CERTIFICATE", "the CA's certificates", place)
        try check(tls.identity?.chain, "CERTIFICATE", "the client's certificate chain", place)
        try check(tls.identity?.key, "PRIVATE KEY", "the client's private key", place)
        let raw = withText(tls.roots) { roots in
            withText(tls.identity?.key) { key in
                withText(tls.identity?.chain) { chain in
                    host_grpc_tls_credentials(roots, key, chain)
                }
            }
        }
        guard let raw else { throw bad("the gRPC core refused the certificates", place) }
        return CredentialsHandle(raw: raw)
    }

    private func withText<Result>(_ text: [UInt8]?, _ body: (UnsafePointer<CChar>?) -> Result)
        -> Result
    {
        guard let text else { return body(nil) }
        let terminated = text.map { CChar(bitPattern: $0) } + [0]
        return terminated.withUnsafeBufferPointer { body($0.baseAddress) }
    }

    private func check(_ text: [UInt8]?, _ label: String, _ what: String, _ place: String)
        throws(RPCError)
    {
        guard let text else { return }
        let lines = String(decoding: text, as: UTF8.self)
        guard lines.contains("-----BEGIN "), lines.contains("\(label)-----"), !text.contains(0)
        else { throw bad("\(what): not a PEM text with a \(label)", place) }
    }

    private func bad(_ what: String, _ place: String) -> RPCError {
        RPCError(.invalidArgument, what, at: place, trouble: .badCredentials)
    }
}
