using System.Globalization;
using System.Text;

namespace Millpond.Resp;

/// <summary>
/// A reply as a tree of its own: what <see cref="RespClient.ExecuteAsync(string, RespArgument[])"/> answers. Requests with a reader of their own need none.
/// </summary>
public sealed class RespValue
{
    private static readonly RespValue[] NoItems = [];
    private readonly byte[] _bytes;

    private RespValue(RespType type, byte[] bytes, RespValue[] items, bool isNull) => (Type, _bytes, Items, IsNull) = (type, bytes, items, isNull);

    /// <summary>What it is.</summary>
    public RespType Type { get; }

    /// <summary>Whether it is null.</summary>
    public bool IsNull { get; }

    /// <summary>Its bytes, if it is no aggregate: a value, a text, the digits of a number.</summary>
    public ReadOnlyMemory<byte> Bytes => _bytes;

    /// <summary>Its children; keys and values of a map in turn.</summary>
    public IReadOnlyList<RespValue> Items { get; }

    /// <summary>Whether it is an error within an aggregate, as a transaction's reply may hold. An error that is the whole reply is thrown instead.</summary>
    public bool IsError => Type is RespType.Error or RespType.BulkError;

    /// <summary>Its text; null if it is null.</summary>
    public string? Text => IsNull ? null : Encoding.UTF8.GetString(_bytes);

    /// <summary>Its number.</summary>
    /// <exception cref="RespException">It is none: <see cref="RespErrorCode.UnexpectedReply"/>.</exception>
    public long Integer => long.TryParse(_bytes, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
        ? number
        : throw new RespException(RespErrorCode.UnexpectedReply, $"an element of type {Type} is no whole number.");

    /// <summary>The value behind a key, if it is a map, or RESP2's flat array of keys and values.</summary>
    /// <param name="key">The key's text.</param>
    /// <returns>The value, or null if there is none.</returns>
    public RespValue? Find(string key)
    {
        for (var i = 0; i + 1 < Items.Count; i += 2)
        {
            if (Items[i].Text == key)
            {
                return Items[i + 1];
            }
        }

        return null;
    }

    /// <summary>Reads the reader's current element and its children.</summary>
    /// <param name="reader">A reader that stands on an element.</param>
    /// <returns>The element as a tree.</returns>
    /// <exception cref="RespException">The bytes are no frame.</exception>
    public static RespValue Read(ref RespReader reader) => Read(ref reader, RespLimits.DepthEnd);

    private static RespValue Read(ref RespReader reader, int depthLeft)
    {
        if (depthLeft == 0)
        {
            throw RespException.Protocol("aggregates on too many levels.");
        }

        var (type, isNull, count) = (reader.Type, reader.IsNull, reader.Count);
        if (count == 0)
        {
            return new RespValue(type, reader.Bytes.ToArray(), NoItems, isNull);
        }

        var items = new RespValue[count];
        for (var i = 0; i < count; i++)
        {
            reader.ReadNext();
            items[i] = Read(ref reader, depthLeft - 1);
        }

        return new RespValue(type, [], items, isNull);
    }

    /// <summary>Its text, or its type and number of children.</summary>
    /// <returns>A short description for people; it holds the value.</returns>
    public override string ToString() => IsNull ? "(null)" : Items.Count > 0 ? $"{Type} of {Items.Count}" : Text!;
}
