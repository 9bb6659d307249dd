using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Millpond.Debezium.AspNetCore;

/// <summary>A secret that a sender signs each message with, as Standard Webhooks says: over the message's id, its time and its body.</summary>
/// <remarks>The time is not looked at: whoever sends an old message again causes a miss and nothing else, and a clock that is wrong must not stop a feed.</remarks>
internal sealed class WebhookSecret
{
    private const int BytesMin = 24;
    private const int BytesMax = 64;
    private const string Prefix = "whsec_";

    private readonly byte[] _key;
    private readonly byte[] _text;

    private WebhookSecret(byte[] key, string text) => (_key, _text) = (key, Encoding.UTF8.GetBytes(text));

    public static WebhookSecret Read(string text)
    {
        var plain = text.StartsWith(Prefix, StringComparison.Ordinal) ? text[Prefix.Length..] : text;
        Span<byte> key = stackalloc byte[BytesMax + 3];
        return Convert.TryFromBase64String(plain, key, out var length) && length is >= BytesMin and <= BytesMax ? new WebhookSecret(key[..length].ToArray(), text) : throw new MillpondException(
            ErrorCode.InvalidConfiguration, $"the secret of a Debezium endpoint is not base64 of {BytesMin} to {BytesMax} bytes, as Standard Webhooks wants it. Make one, such as with 'openssl rand -base64 32', and give it to both sides.");
    }

    /// <summary>What the body is added to as it is read.</summary>
    public IncrementalHash Begin(HttpRequest request)
    {
        var mac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _key);
        mac.AppendData(Encoding.UTF8.GetBytes($"{request.Headers["webhook-id"]}.{request.Headers["webhook-timestamp"]}."));
        return mac;
    }

    /// <summary>Whether whoever sent a message knows the secret.</summary>
    public bool IsKnownTo(HttpRequest request, IncrementalHash whole)
    {
        if (request.Headers.Authorization.ToString() is { Length: > 0 } said && said.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
        {
            return CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(said[7..].Trim()), _text);
        }

        var expected = whole.GetHashAndReset();

        // Several, while a secret is being changed.
        return request.Headers["webhook-signature"].ToString().Split(' ', ',').Any(one => Matches(one, expected));
    }

    private static bool Matches(string signature, byte[] expected)
    {
        Span<byte> given = stackalloc byte[BytesMax];
        return signature.Length < BytesMax && Convert.TryFromBase64String(signature, given, out var length) && CryptographicOperations.FixedTimeEquals(given[..length], expected);
    }
}
