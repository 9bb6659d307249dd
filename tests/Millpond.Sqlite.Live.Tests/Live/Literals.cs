using Millpond.Sqlite.Streaming;

namespace Millpond.Sqlite.Live.Tests.Live;

/// <summary>Values as SQL writes them, read back.</summary>
public sealed class Literals
{
    [Fact]
    public void Whatever_the_database_quotes_is_read_back()
    {
        using var database = new TemporaryDatabase();
        using var connection = database.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT quote(NULL) || ',' || quote(-7) || ',' || quote(1.5) || ',' || quote('it''s, \"so\"' || char(10) || 'x') || ',' || quote(x'00ff') || ',' || quote('')";
        var read = LiteralReader.Read((string)command.ExecuteScalar()!);
        Assert.Equal([null, -7L, 1.5, "it's, \"so\"\nx", new byte[] { 0, 255 }, ""], read);
    }

    [Theory]
    [InlineData("'open")]
    [InlineData("1,")]
    [InlineData("1 2")]
    [InlineData("X'0'")]
    [InlineData("X'zz'")]
    [InlineData("word")]
    [InlineData("\0")]
    public void What_no_database_writes_is_refused(string text) => Assert.Null(LiteralReader.Read(text));

    [Fact]
    public void An_empty_text_has_no_values() => Assert.Empty(LiteralReader.Read("")!);
}
