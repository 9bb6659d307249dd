using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Millpond.AspNetCore.Access;

/// <summary>A secret that callers of an endpoint know: they send it as a bearer token, or sign each message with it as Standard Webhooks says, over the message's id, its time and its body.</summary>
/// <remarks>
/// The time of a signature is not looked at, and a signature covers neither path nor query. So signatures are taken only where sending an old message again costs a miss and nothing else; there a clock that is wrong must not
/// keep anybody away.
/// </remarks>
internal sealed class EndpointSecret
{
    private const int BytesMin = 24;
    private const int BytesMax = 64;
    private const string Prefix = "whsec_";
    private const string Bearer = "Bearer ";
    private const string Signature = "webhook-signature";

    private readonly byte[] _key;
    private readonly byte[] _text;

    private EndpointSecret(byte[] key, string text) => (_key, _text) = (key, Encoding.UTF8.GetBytes(text));

    /// <exception cref="MillpondException">MP1001: it is none.</exception>
    public static EndpointSecret Read(string text)
    {
        var plain = text.StartsWith(Prefix, StringComparison.Ordinal) ? text[Prefix.Length..] : text;
        Span<byte> key = stackalloc byte[BytesMax + 3];
        return Convert.TryFromBase64String(plain, key, out var length) && length is >= BytesMin and <= BytesMax ? new EndpointSecret(key[..length].ToArray(), text) : throw new MillpondException(
            ErrorCode.InvalidConfiguration, $"the secret of an endpoint is not base64 of {BytesMin} to {BytesMax} bytes, as Standard Webhooks wants it. Make one, such as with 'openssl rand -base64 32', and give it to both sides.");
    }

    /// <summary>Whether a request brings the secret itself; null if it brings none.</summary>
    public bool? IsBorneBy(HttpRequest request) =>
        request.Headers.Authorization.ToString() is { Length: > 0 } said && said.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)
            ? CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(said[Bearer.Length..].Trim()), _text)
            : null;

    /// <summary>Whether a request says that it is signed, which only its body can show.</summary>
    public static bool SaysSigned(HttpRequest request) => request.Headers.ContainsKey(Signature);

    /// <summary>What the body is added to as it is read.</summary>
    public IncrementalHash BeginSigned(HttpRequest request)
    {
        var mac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _key);
        mac.AppendData(Encoding.UTF8.GetBytes($"{request.Headers["webhook-id"]}.{request.Headers["webhook-timestamp"]}."));
        return mac;
    }

    /// <summary>Whether whoever signed a request knows the secret.</summary>
    public static bool IsSigned(HttpRequest request, IncrementalHash whole)
    {
        var expected = whole.GetHashAndReset();

        // Several, while a secret is being changed.
        return request.Headers[Signature].ToString().Split(' ', ',').Any(one => Matches(one, expected));
    }

    private static bool Matches(string signature, byte[] expected)
    {
        Span<byte> given = stackalloc byte[BytesMax];
        return signature.Length < BytesMax && Convert.TryFromBase64String(signature, given, out var length) && CryptographicOperations.FixedTimeEquals(given[..length], expected);
    }
}
