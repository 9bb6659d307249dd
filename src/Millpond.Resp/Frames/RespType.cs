namespace Millpond.Resp;

/// <summary>What a frame or an element of one is. The value is the byte that introduces it on the wire.</summary>
public enum RespType : byte
{
    /// <summary>Nothing was read yet.</summary>
    None = 0,

    /// <summary>A short text in one line, such as <c>OK</c>.</summary>
    SimpleText = (byte)'+',

    /// <summary>An error in one line.</summary>
    Error = (byte)'-',

    /// <summary>A signed number of 64 bits.</summary>
    Integer = (byte)':',

    /// <summary>Bytes of announced length; null if the length is -1.</summary>
    Bulk = (byte)'$',

    /// <summary>Elements in order; null if the count is -1.</summary>
    Array = (byte)'*',

    /// <summary>RESP3's one null.</summary>
    Null = (byte)'_',

    /// <summary>A floating-point number.</summary>
    Double = (byte)',',

    /// <summary>True or false.</summary>
    Boolean = (byte)'#',

    /// <summary>An error of announced length.</summary>
    BulkError = (byte)'!',

    /// <summary>Bytes with a three-letter format in front.</summary>
    Verbatim = (byte)'=',

    /// <summary>A whole number of any size.</summary>
    BigNumber = (byte)'(',

    /// <summary>Keys and values in turn.</summary>
    Map = (byte)'%',

    /// <summary>Elements without order.</summary>
    Set = (byte)'~',

    /// <summary>Something the server sends without being asked.</summary>
    Push = (byte)'>',

    /// <summary>Keys and values that accompany the element behind them. Readers step over it.</summary>
    Attribute = (byte)'|',
}
