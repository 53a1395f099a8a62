import HTTPTransport
import Platform

/// Takes a secret out of an answer: what stands in between may quote the address that it was called at, and its words are
/// told, kept in the outbox and sent by another channel.
struct SecretMask: Sendable {
    private let secret: Secret
    /// Shorter than this nothing is a secret, and ordinary words would go.
    private static let least = 6

    /// - Parameter secret: As it stands in the address; letters and digits, `_` and `-`, that nobody writes in another way.
    init(_ secret: Secret) { self.secret = secret }

    /// Of `<bot id>:<secret>`: a bot's id is in its every message.
    init(telegramToken token: Secret) {
        self.init(token.withText { Secret(String($0.split(separator: ":").last ?? "")) })
    }

    /// Of `…/webhooks/<id>/<secret>`.
    init(webhook: Secret) {
        self.init(
            webhook.withText { text in
                let path = text.prefix { $0 != "?" && $0 != "#" }
                return Secret(String(path.split(separator: "/").last ?? ""))
            })
    }

    /// The same with stars for it, before anything is read or cut.
    func applied(to response: HTTPResponse) -> HTTPResponse {
        secret.withText { text in
            guard text.utf8.count >= Self.least else { return response }
            let body = response.body.replacing(Array(text.utf8), with: Array(Secret.mask.utf8))
            return HTTPResponse(status: response.status, headers: response.headers, body: body)
        }
    }
}
