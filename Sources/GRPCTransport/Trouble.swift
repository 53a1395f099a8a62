/// What lies behind a failed call, told from the code and the core's last-error text.
///
/// The core reports a bad certificate and a sleeping server alike as `unavailable`; only the text
/// tells them apart, and it is no contract: what is not recognised is `other`.
package enum Trouble: Hashable, Sendable {
    /// Nothing listens there.
    case refused
    /// The unix socket does not exist.
    case missingSocket
    /// The unix socket or its folder is open to others.
    case unsafeSocket
    /// The address cannot be used as it is written.
    case badAddress
    /// The host name is not known.
    case unknownHost
    /// The server's certificate is not signed by the CA we were given, or not valid at this time.
    case untrustedCertificate
    /// The server's certificate is for another name.
    case wrongServerName
    /// The peer closed while connecting: TLS on one side only, or it demands a client certificate.
    case handshake
    /// No connection came about in time, or no way leads there.
    case noAnswer
    /// A connection that stood has broken.
    case connectionLost
    /// The peer did not answer a keepalive ping in time.
    case keepaliveTimeout
    /// The peer does not welcome so many keepalive pings.
    case tooManyPings
    /// The time given to the call is over; whether it did its work is unknown.
    case deadline
    /// We cancelled, or the peer did.
    case cancelled
    /// A message over the limit of one side.
    case messageTooLarge
    /// No such method on the server.
    case unimplemented
    /// A missing or wrong token or certificate, or a right that it lacks.
    case notAllowed
    /// The stream has ended with `ok`: there is nothing to send to.
    case ended
    /// The channel or its queue has been closed on our side.
    case closedHere
    /// Certificates, keys, tokens or headers that cannot be used as they are.
    case badCredentials
    case other
}

extension Trouble {
    package init(_ status: RPCStatus) {
        self =
            switch status.code {
            case .deadlineExceeded: .deadline
            case .cancelled: .cancelled
            case .unimplemented: .unimplemented
            case .unauthenticated, .permissionDenied: .notAllowed
            case .resourceExhausted where status.message.contains("larger than max"):
                .messageTooLarge
            case .unavailable: Trouble(unavailable: status.message)
            default: .other
            }
    }

    private init(unavailable text: String) {
        let connecting = text.contains("failed to connect")
        self =
            if text.contains("Hostname Verification Check failed")
                || text.contains("is not in peer certificate")
            {
                .wrongServerName
            } else if text.contains("CERTIFICATE_VERIFY_FAILED")
                || text.contains("certificate verify failed")
            {
                .untrustedCertificate
            } else if text.contains("Connection refused") {
                .refused
            } else if text.contains("No such file or directory") {
                .missingSocket
            } else if text.contains("DNS resolution failed")
                || text.contains("Name or service not known")
            {
                .unknownHost
            } else if text.contains("keepalive watchdog timeout") {
                .keepaliveTimeout
            } else if text.lowercased().contains("too many pings")
                || text.contains("too_many_pings")
            {
                .tooManyPings
            } else if connecting
                && (text.contains("Socket closed") || text.lowercased().contains("handshake")
                    || text.contains("Connection reset") || text.contains("Broken pipe"))
            {
                .handshake
            } else if connecting
                && (text.contains("timed out") || text.contains("No route to host")
                    || text.contains("is unreachable"))
            {
                .noAnswer
            } else if text.contains("Socket closed") || text.contains("Connection reset")
                || text.contains("Broken pipe") || text.contains("GOAWAY")
                || text.contains("Cancelling all calls")
            {
                .connectionLost
            } else {
                .other
            }
    }

    /// What to do next, for a person; empty when the status says it all.
    package var advice: String {
        switch self {
        case .refused: "start the server, or correct the address"
        case .missingSocket: "start the server, or correct the path of its socket"
        case .unsafeSocket, .badAddress, .badCredentials: ""
        case .unknownHost: "correct the host name, or give the address as numbers"
        case .untrustedCertificate:
            // The core does not tell the one from the other.
            "the server's certificate has run out, is not valid yet, or is signed by another CA than the one"
                + " named: see its dates and its issuer (openssl x509 -noout -dates -issuer -in FILE)"
        case .wrongServerName: "connect by a name that stands in the server's certificate"
        case .handshake:
            "check that both sides use TLS or neither, and whether a client certificate is demanded"
        case .noAnswer: "see whether its machine and its process go on, and the network between"
        case .keepaliveTimeout: "the server's process or host is stopped: look there"
        case .tooManyPings: "lengthen the keepalive interval, or let the server permit pings"
        case .messageTooLarge: "send smaller messages, or raise the limit on both sides"
        case .unimplemented: "check that the server speaks this protocol and revision"
        case .notAllowed: "check the token and the rights it carries"
        case .connectionLost, .deadline, .cancelled, .ended, .closedHere, .other: ""
        }
    }

    /// Whether trying again without a change by a person cannot help.
    package var needsAPerson: Bool {
        switch self {
        case .unsafeSocket, .badAddress, .untrustedCertificate, .wrongServerName, .handshake,
            .messageTooLarge, .unimplemented, .notAllowed, .badCredentials:
            true
        default: false
        }
    }
}
