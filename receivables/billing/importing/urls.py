from django.urls import path

from receivables.billing.importing import views

urlpatterns = [
    path("import/", views.ImportPage.as_view(), name="import_receivables"),
    path("import/<int:pk>/", views.PreviewView.as_view(), name="import_preview"),
    path("import/<int:pk>/columns/", views.ColumnsView.as_view(), name="import_columns"),
    path("import/<int:pk>/problems.csv", views.import_problems, name="import_problems"),
]
