using System.Buffers;
using System.Text;

namespace Millpond.Serialization;

/// <summary>Strings as UTF-8. Lone surrogates and invalid bytes are refused both ways: a replacement character would be another value.</summary>
internal sealed class StringCodec : IValueCodec<string>
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private static readonly uint Utf8Id = CodecId.Of("utf8", typeof(string));

    public static StringCodec Instance { get; } = new();

    public uint Id => Utf8Id;

    public void Encode(string value, IBufferWriter<byte> writer)
    {
        try
        {
            Strict.GetBytes(value, writer);
        }
        catch (EncoderFallbackException e)
        {
            throw ValueCodecException.Unencodable(nameof(StringCodec), typeof(string), e);
        }
    }

    public string Decode(ReadOnlyMemory<byte> payload)
    {
        try
        {
            return Strict.GetString(payload.Span);
        }
        catch (DecoderFallbackException e)
        {
            // The cause is left out: its message spells the bytes.
            throw ValueCodecException.Undecodable(nameof(StringCodec), typeof(string), payload.Length, $"byte {e.Index}", "not valid UTF-8");
        }
    }
}
