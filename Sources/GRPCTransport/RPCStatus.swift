/// How a call ended, in the words of the peer or of the C core.
package struct RPCStatus: Hashable, Sendable {
    /// The codes of gRPC; a number that gRPC does not know reads as `unknown`.
    package enum Code: Int32, Hashable, Sendable {
        case ok = 0
        case cancelled, unknown, invalidArgument, deadlineExceeded, notFound, alreadyExists
        case permissionDenied, resourceExhausted, failedPrecondition, aborted, outOfRange
        case unimplemented, `internal`, unavailable, dataLoss, unauthenticated
    }
    package let code: Code
    /// The peer's or the core's text, unchanged. From a peer: hostile until proven otherwise.
    package let message: String
    /// What the peer sent with the status.
    package let trailers: Metadata

    package init(_ code: Code, _ message: String = "", trailers: Metadata = Metadata()) {
        self.code = code
        self.message = message
        self.trailers = trailers
    }

    package static let ok = RPCStatus(.ok)
    package var isOK: Bool { code == .ok }
}

extension RPCStatus: CustomStringConvertible {
    package var description: String {
        message.isEmpty ? "\(code)" : "\(code): \(message)"
    }
}
