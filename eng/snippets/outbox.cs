using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Millpond;
using Millpond.Feeds;

DbConnection connection = Opened.Connection;

static class Opened
{
    public static DbConnection Connection => throw new NotSupportedException("Snippets are compiled, not run.");
}
