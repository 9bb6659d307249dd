using Millpond;

var builder = WebApplication.CreateBuilder();
var app = builder.Build();
