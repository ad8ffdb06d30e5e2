from django.urls import path

from receivables.integrations.linking import views

urlpatterns = [path("connections/<int:pk>/link-customers/", views.linking, name="link_customers")]
