from receivables.core.views import action_urls

urlpatterns = [*action_urls("credit_control.dispute", "disputes")]
