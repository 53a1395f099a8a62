/// A whole request as a server heard it. Headers may hold tokens: it is not printed.
package struct HTTPServerRequest: Sendable, CustomStringConvertible, CustomReflectable {
    package let method: String
    /// Escapes resolved; begins with `/`, or is `*`.
    package let path: String
    /// What stands behind the `?`, in order.
    package let query: [(name: String, value: String)]
    package let headers: [(name: String, value: String)]
    package let body: [UInt8]

    /// The first header of that name, in whatever case.
    package subscript(header name: String) -> String? {
        let name = name.lowercased()
        return headers.first { $0.name.lowercased() == name }?.value
    }
    /// The first of that name.
    package subscript(query name: String) -> String? { query.first { $0.name == name }?.value }

    /// What stands behind `Bearer `.
    package var bearer: String? {
        guard let text = self[header: "Authorization"], text.hasPrefix("Bearer ") else {
            return nil
        }
        return String(text.dropFirst("Bearer ".count))
    }

    package var description: String { "\(method) \(path) (\(body.count) bytes)" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// What a server does with a request: answer, or behave badly on purpose.
package enum HTTPServerAnswer: Sendable {
    case whole(HTTPResponse)
    /// The head announces the whole body; the connection closes after so many bytes of it.
    case cut(HTTPResponse, after: Int)
    /// The connection closes without a word.
    case nothing
}

/// Leave to answer one request, once. Any thread, at any time; once nobody can hear it any more it
/// does nothing.
package struct HTTPResponder: Sendable {
    let exchange: ServerExchange

    package func answer(_ answer: HTTPServerAnswer) { exchange.answer(answer) }
    package func answer(_ response: HTTPResponse) { exchange.answer(.whole(response)) }
}
