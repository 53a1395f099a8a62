package import Platform

/// What is asked of an HTTP server.
///
/// The address and the headers may hold tokens: neither is printed, mirrored or put into an error.
package struct HTTPRequest: Sendable, CustomStringConvertible, CustomReflectable {
    package enum Method: String, Hashable, Sendable { case get = "GET", post = "POST" }

    package var method: Method
    /// `https://…`; `http://…` only of this machine.
    package var url: Secret
    package var headers: [Header]
    package var body: [UInt8]
    package var limits: HTTPLimits
    /// Whether doing it twice is harmless. Only such a request may go over a connection that was
    /// used before: where that turns out to be dead, libcurl sends the request again by itself.
    package var isRepeatable: Bool
    /// Asked on the client's thread once the connection stands, immediately before the first byte
    /// is written;
    /// where it says no nothing is written, and the error is `withheld`. Must not block.
    package var gate: (@Sendable () -> Bool)?

    package init(
        _ method: Method, _ url: Secret, headers: [Header] = [], body: [UInt8] = [],
        limits: HTTPLimits = HTTPLimits(), isRepeatable: Bool? = nil
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.limits = limits
        self.isRepeatable = isRepeatable ?? (method == .get)
    }

    package struct Header: Sendable {
        package let name: String
        package let value: Secret
        package init(_ name: String, _ value: String) { self.init(name, Secret(value)) }
        package init(_ name: String, _ value: Secret) {
            self.name = name
            self.value = value
        }
    }

    package var description: String { "\(method.rawValue) (\(body.count) bytes)" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// How long and how much a request may take.
package struct HTTPLimits: Hashable, Sendable {
    /// ns for the name, the connection and TLS together.
    package var connect: Int64
    /// ns for all of it.
    package var whole: Int64
    /// Bytes of a body that are taken; a longer one is an error.
    package var body: Int

    package init(
        connect: Int64 = 5_000_000_000, whole: Int64 = 15_000_000_000, body: Int = 256 * 1024
    ) {
        self.connect = connect
        self.whole = whole
        self.body = body
    }

    /// Bytes of all header lines together.
    static let headers = 64 * 1024
}

/// A whole answer, whatever its status.
package struct HTTPResponse: Sendable {
    package let status: Int
    /// In the order they came, names as written.
    package let headers: [(name: String, value: String)]
    package let body: [UInt8]

    package init(status: Int, headers: [(name: String, value: String)], body: [UInt8]) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The first header of that name, in whatever case.
    package subscript(header name: String) -> String? {
        let name = name.lowercased()
        return headers.first { $0.name.lowercased() == name }?.value
    }
}
